// JSON texts are well formed also for lone surrogates.
console.log(JSON.stringify('\ud800'), JSON.stringify('a\udc00b'), JSON.stringify('\ud83d\ude00'), JSON.stringify({ '\udfff': '\ud800\ud800' }), JSON.stringify('\ude00\ud83d'));
console.log(JSON.parse('"\\ud800"').charCodeAt(0), JSON.parse('"\\ud83d\\ude00"').length, JSON.parse(JSON.stringify('\ud800')) === '\ud800');
