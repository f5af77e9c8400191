CREATE TABLE `audit` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`team` text NOT NULL,
	`number` integer NOT NULL,
	`at` integer NOT NULL,
	`operation` text,
	`method` text NOT NULL,
	`tenant` text,
	`tenant_name` text,
	`subject` text,
	`key` text,
	`status` integer NOT NULL,
	`ray` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_team` ON `audit` (`team`,`number`);--> statement-breakpoint
CREATE TABLE `control_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`team` text,
	`partition_id` text collate nocase,
	`parent_id` text,
	`limits` text,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`parent_id`) REFERENCES `control_keys`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `control_keys_hash` ON `control_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `control_keys_teams` ON `control_keys` (`created_at`) WHERE "partition_id" is null;--> statement-breakpoint
CREATE INDEX `control_keys_partition` ON `control_keys` (`partition_id`) WHERE "partition_id" is not null;--> statement-breakpoint
CREATE INDEX `control_keys_parent` ON `control_keys` (`parent_id`) WHERE "parent_id" is not null;--> statement-breakpoint
ALTER TABLE `tenants` ADD `team` text;--> statement-breakpoint
ALTER TABLE `tenants` ADD `key_id` text;--> statement-breakpoint
ALTER TABLE `tenants` ADD `max_rows` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `max_rows_at_once` integer;--> statement-breakpoint
ALTER TABLE `tenants` ADD `rows` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `requests` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `mark` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `tenants_team` ON `tenants` (`team`,`created_at`) WHERE "team" is not null;--> statement-breakpoint
CREATE INDEX `tenants_key` ON `tenants` (`key_id`) WHERE "key_id" is not null;