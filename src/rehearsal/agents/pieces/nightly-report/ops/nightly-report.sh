#!/bin/sh
# Prints yesterday's orders; meant for cron.
exec node -e 'import("./backend/db.js").then(({ openDatabase }) => console.table(openDatabase("data/shop.json").all("orders")))'
