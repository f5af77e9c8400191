ALTER TABLE `tenants` ADD `copy_of` text collate nocase;--> statement-breakpoint
ALTER TABLE `tenants` ADD `copy_has_settings` integer DEFAULT false NOT NULL;