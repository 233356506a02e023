"""Running the product: process group, demo programme, seeding, verification of live data."""
