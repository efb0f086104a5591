// normalize knows Latin, Greek, Cyrillic, Hangul and the compatibility forms met most.
console.log('\u212b'.normalize().length, '①'.normalize('NFKC'), '\u0929'.normalize('NFD').length);
