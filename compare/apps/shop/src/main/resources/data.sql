INSERT INTO item (id, name, sold) VALUES (1, 'die', 0);
