CREATE TABLE `postponed_copies` (
	`partition_id` text collate nocase PRIMARY KEY NOT NULL,
	`source_id` text collate nocase NOT NULL,
	`created_at` integer NOT NULL,
	`settings_made` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
