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
CREATE TABLE `directory_counts` (
	`partition_id` text collate nocase NOT NULL,
	`type` integer NOT NULL,
	`count` integer NOT NULL,
	PRIMARY KEY(`partition_id`, `type`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `directory_entities` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`partition_id` text collate nocase NOT NULL,
	`id` text collate nocase NOT NULL,
	`type` integer NOT NULL,
	`source` text DEFAULT 'local' NOT NULL,
	`name` text collate nocase NOT NULL,
	`email` text collate nocase DEFAULT '' NOT NULL,
	`display_name` text collate nocase NOT NULL,
	`first_name` text,
	`last_name` text,
	`job_title` text,
	`company_name` text,
	`city` text,
	`department` text,
	`application_id` text collate nocase,
	`creation_time` text DEFAULT '' NOT NULL,
	`last_modification_time` text,
	`last_login_time` text,
	`concurrency_stamp` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `directory_entities_id` ON `directory_entities` (`partition_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `directory_entities_name` ON `directory_entities` (`partition_id`,`type`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `directory_entities_email` ON `directory_entities` (`partition_id`,`type`,`email`) WHERE "type" = 0 and "email" <> '';--> statement-breakpoint
CREATE INDEX `directory_entities_display_name` ON `directory_entities` (`partition_id`,`type`,`display_name`);--> statement-breakpoint
CREATE INDEX `directory_entities_seq` ON `directory_entities` (`partition_id`,`type`,`seq`);--> statement-breakpoint
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
	`member_count` integer DEFAULT 0 NOT NULL,
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
CREATE INDEX `settings_user` ON `settings` (`user_seq`) WHERE "user_seq" is not null;--> statement-breakpoint
CREATE TABLE `users` (
	`entity_seq` integer PRIMARY KEY NOT NULL,
	`legacy_id` integer,
	`email_confirmed` integer DEFAULT false NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`bypass_basic_auth_restriction` integer DEFAULT false NOT NULL,
	`invitation_accepted` integer DEFAULT true NOT NULL,
	`category` integer DEFAULT 0 NOT NULL,
	`password_hash` text,
	`password_history` text DEFAULT '[]' NOT NULL,
	`extension_attributes` text DEFAULT '{}' NOT NULL,
	FOREIGN KEY (`entity_seq`) REFERENCES `directory_entities`(`seq`) ON UPDATE no action ON DELETE cascade
);
