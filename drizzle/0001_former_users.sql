CREATE TABLE `former_users` (
	`partition_id` text collate nocase NOT NULL,
	`id` text collate nocase NOT NULL,
	PRIMARY KEY(`partition_id`, `id`),
	FOREIGN KEY (`partition_id`) REFERENCES `partitions`(`id`) ON UPDATE no action ON DELETE cascade
);
