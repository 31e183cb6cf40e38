/* Makes a database like the one that an app already has. Its users registered years ago. */
'use strict'

const Database = require('libsql')

const database = new Database(process.env.DATABASE || 'users.db')
database.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, hash TEXT)')
const add = (...user) => database.prepare('INSERT INTO users VALUES (?, ?, ?)').run(...user)
// The password is "battery staple", hashed by Node.js. The cost is 4, for quick tests; yours is 10 or more.
add(41, 'li.na', '$2b$04$idA72WJXrJfG.qaXc/C/q.5o8uT.PsmCEVXKkqI34INLo.ag1LXdu')
// The password is "correct horse", hashed by PHP.
add(42, 'wang.wei', '$2y$04$EFIoDN0TrlQR0g4i627S3eCDcMRu.X2WrEE5wBbQvxtrJiuLQXVa.')
// Has no password yet.
add(43, 'zhao.lei', null)
database.close()
