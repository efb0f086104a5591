let x = 1;
const bump = async () => { x = 10; return 1; };
console.log(x + await bump());
let y = 1;
async function setY() { y = 5; await null; return 2; }
y += await setY();
console.log(y);
const arr = [1]; const idx = async () => { arr[0] = 9; return 0; };
console.log(arr[0] + arr[await idx()]);
