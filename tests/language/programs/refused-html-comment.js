console.log(1);
<!-- a comment of old browsers
