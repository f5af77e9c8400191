CREATE TABLE `faults` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`id` text NOT NULL,
	`rule` text NOT NULL,
	`hits` integer DEFAULT 0 NOT NULL,
	`windows` text DEFAULT '{}' NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `faults_partition` ON `faults` (`partition_id`,`seq`);--> statement-breakpoint
CREATE TABLE `journal` (
	`partition_id` text collate nocase NOT NULL,
	`number` integer NOT NULL,
	`entry` text NOT NULL,
	PRIMARY KEY(`partition_id`, `number`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `snapshots` (
	`partition_id` text collate nocase NOT NULL,
	`name` text NOT NULL,
	`section` text NOT NULL,
	`part` integer NOT NULL,
	`entries` text NOT NULL,
	`count` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`partition_id`, `name`, `section`, `part`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `tenant_controls` (
	`partition_id` text collate nocase PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`control` text NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `tenants` (
	`partition_id` text collate nocase PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `tenants_expiry` ON `tenants` (`expires_at`) WHERE "expires_at" is not null;--> statement-breakpoint
ALTER TABLE `clients` ADD `may_prefer` integer DEFAULT false NOT NULL;