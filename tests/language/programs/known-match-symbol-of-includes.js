// includes, startsWith and endsWith refuse a regular expression even if its Symbol.match says no.
const re = /a/; re[Symbol.match] = false; try { console.log('/a/'.includes(re)); } catch (e) { console.log(e.name); }
