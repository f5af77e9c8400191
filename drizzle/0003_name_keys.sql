CREATE TABLE `name_keys` (
	`partition_id` text collate nocase NOT NULL,
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`entity_seq` integer NOT NULL,
	PRIMARY KEY(`partition_id`, `kind`, `key`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`entity_seq`) REFERENCES `directory_entities`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `name_keys_entity` ON `name_keys` (`entity_seq`);--> statement-breakpoint
CREATE TABLE `group_name_keys` (
	`partition_id` text collate nocase NOT NULL,
	`key` text NOT NULL,
	`name` text NOT NULL,
	`group_seq` integer NOT NULL,
	PRIMARY KEY(`partition_id`, `key`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`group_seq`) REFERENCES `groups`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `group_name_keys_group` ON `group_name_keys` (`group_seq`);--> statement-breakpoint
CREATE INDEX `directory_entities_no_email` ON `directory_entities` (`partition_id`,`type`,`seq`) WHERE "type" = 0 and "email" = '';