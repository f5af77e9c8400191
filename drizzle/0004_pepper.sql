CREATE TABLE `peppers` (
	`seq` integer PRIMARY KEY NOT NULL,
	`pepper` text NOT NULL
);
