console.log(08, 019.5);
