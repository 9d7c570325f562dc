"""What happened, in our own tables: runs, slots, landings, holds, alerts, waivers; reads and writes."""
