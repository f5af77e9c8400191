CREATE TABLE `signing_keys` (
	`seq` integer PRIMARY KEY NOT NULL,
	`kid` text NOT NULL,
	`private_jwk` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `signing_keys_kid_unique` ON `signing_keys` (`kid`);--> statement-breakpoint
CREATE TABLE `clients` (
	`id` text PRIMARY KEY NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`host_admin` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `directory_entities` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`id` text collate nocase NOT NULL,
	`type` integer NOT NULL,
	`source` text DEFAULT 'local' NOT NULL,
	`name` text NOT NULL,
	`email` text DEFAULT '' NOT NULL,
	`display_name` text NOT NULL,
	`first_name` text,
	`last_name` text,
	`job_title` text,
	`company_name` text,
	`city` text,
	`department` text,
	`application_id` text collate nocase,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `directory_entities_id` ON `directory_entities` (`partition_id`,`id`);--> statement-breakpoint
CREATE TABLE `group_members` (
	`group_seq` integer NOT NULL,
	`entity_seq` integer NOT NULL,
	PRIMARY KEY(`group_seq`, `entity_seq`),
	FOREIGN KEY (`group_seq`) REFERENCES `groups`(`seq`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`entity_seq`) REFERENCES `directory_entities`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `group_members_entity` ON `group_members` (`entity_seq`,`group_seq`);--> statement-breakpoint
CREATE TABLE `groups` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`id` text collate nocase NOT NULL,
	`name` text collate nocase NOT NULL,
	`type` integer NOT NULL,
	`creation_time` text NOT NULL,
	`last_modification_time` text,
	`concurrency_stamp` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_id` ON `groups` (`partition_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `groups_name` ON `groups` (`partition_id`,`name`);--> statement-breakpoint
CREATE TABLE `partitions` (
	`id` text collate nocase PRIMARY KEY NOT NULL,
	`name` text collate nocase NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `partitions_name` ON `partitions` (`name`);--> statement-breakpoint
CREATE TABLE `settings` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`user_seq` integer,
	`owner` integer GENERATED ALWAYS AS ((coalesce("user_seq", 0))) VIRTUAL NOT NULL,
	`key` text NOT NULL,
	`value` text,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user_seq`) REFERENCES `directory_entities`(`seq`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `settings_key` ON `settings` (`partition_id`,`owner`,`key`);--> statement-breakpoint
CREATE INDEX `settings_user` ON `settings` (`user_seq`) WHERE "user_seq" is not null;