const 𐀀 = 1;
console.log(𐀀);
