// TypeScript: enums.
enum Color { Red, Green = 5, Blue } enum S { A = 'a', B = 'b' } const enum K { X = 1 << 2, Y = X | 1 } enum M { P = 'x'.length, Q = 'q' as any } console.log(Color.Red, Color.Blue, Color[5], S.B, K.X, K.Y, M.P, Object.keys(Color).join());
