console.log(/\p{Script=Tibetan}/u.test('a'));
