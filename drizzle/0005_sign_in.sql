CREATE TABLE `grants` (
	`handle_hash` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`user_code_hash` text,
	`partition_id` text collate nocase NOT NULL,
	`client_id` text NOT NULL,
	`user_id` text collate nocase,
	`session_id` text,
	`family` text NOT NULL,
	`scopes` text NOT NULL,
	`details` text DEFAULT '{}' NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`consumed_at` integer,
	`consumed_by` text,
	`remove_at` integer NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`client_id`) REFERENCES `clients`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `grants_partition` ON `grants` (`partition_id`);--> statement-breakpoint
CREATE INDEX `grants_client` ON `grants` (`client_id`);--> statement-breakpoint
CREATE INDEX `grants_family` ON `grants` (`family`);--> statement-breakpoint
CREATE INDEX `grants_session` ON `grants` (`session_id`) WHERE "session_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `grants_user_code` ON `grants` (`user_code_hash`) WHERE "user_code_hash" is not null;--> statement-breakpoint
CREATE INDEX `grants_removal` ON `grants` (`remove_at`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`user_id` text collate nocase NOT NULL,
	`auth_time` integer NOT NULL,
	`amr` text NOT NULL,
	`expires_at` integer NOT NULL,
	`remove_at` integer NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_partition` ON `sessions` (`partition_id`);--> statement-breakpoint
CREATE INDEX `sessions_removal` ON `sessions` (`remove_at`);--> statement-breakpoint
CREATE TABLE `login_attempts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`user_id` text collate nocase NOT NULL,
	`user_name` text NOT NULL,
	`client_ip_address` text,
	`browser_info` text,
	`result` integer NOT NULL,
	`stamp` text NOT NULL,
	`creation_time` text NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `login_attempts_user` ON `login_attempts` (`partition_id`,`user_id`,`id`);--> statement-breakpoint
ALTER TABLE `clients` ADD `name` text;--> statement-breakpoint
ALTER TABLE `clients` ADD `grant_types` text DEFAULT 'client_credentials' NOT NULL;--> statement-breakpoint
ALTER TABLE `clients` ADD `redirect_uris` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `clients` ADD `require_pkce` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `tenants` ADD `passwordless` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `access_failed_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `lockout_end` integer;