/* Makes a database like the one that an app already has. Its users registered years ago. */
'use strict'

const Database = require('libsql')

const database = new Database(process.env.DATABASE || 'users.db')
database.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, hash TEXT)')
const add = (...user) => database.prepare('INSERT INTO users VALUES (?, ?, ?)').run(...user)
// The password is "battery staple", hashed by Node.js.
add(41, 'li.na', '$2b$10$GFKJuMExoujYYqMBPi9QLu2.ROge2/QkkU9nfy95iWNBpXVTmmzNu')
// The password is "correct horse", hashed by PHP.
add(42, 'wang.wei', '$2y$10$UTxQw9HHtGX79Kt0cXzajObacmemuBxn06/AR0WBvsuoQqFOED0T.')
// Has no password yet.
add(43, 'zhao.lei', null)
database.close()
