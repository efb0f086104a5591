/** The functions of Math that the engine lacks, after the series and ranges of fdlibm that V8 uses too. */

var LN2_HIGH = 6.9314718036912381649e-1;
var LN2_LOW = 1.90821492927058770002e-10;
var LN2 = Math.LN2;

/** Adds `by` to the binary exponent of a number. */
function scale(value, by) {
  return value * Math.pow(2, by);
}

function log1p(x) {
  var k = 0;
  var f = 0;
  var c = 0;
  var u, hfsq, s, z, r;
  if (x < -1 || x !== x) return NaN;
  if (x === -1) return -Infinity;
  if (x === Infinity || x === 0) return x;
  if (Math.abs(x) < 2e-9) return Math.abs(x) < 5.5e-17 ? x : x - x * x * 0.5;
  if (x > -0.29289321881345254 && x < 0.41421356237309503) {
    f = x;
  } else {
    u = x < 9007199254740992 ? 1 + x : x;
    k = Math.floor(Math.log2(u));
    while (Math.pow(2, k) > u) k--;
    while (Math.pow(2, k + 1) <= u) k++;
    c = x < 9007199254740992 ? (k > 0 ? 1 - (u - x) : x - (u - 1)) / u : 0;
    u = u / Math.pow(2, k);
    if (u >= 1.4142120361328125) {
      k++;
      u /= 2;
    }
    f = u - 1;
  }
  hfsq = 0.5 * f * f;
  if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + (c + k * LN2_LOW);
  s = f / (2 + f);
  z = s * s;
  r =
    z *
    (6.66666666666673513e-1 +
      z *
        (3.999999999940941908e-1 +
          z *
            (2.857142874366239149e-1 +
              z *
                (2.222219843214978396e-1 +
                  z *
                    (1.818357216161805012e-1 +
                      z * (1.531383769920937332e-1 + z * 1.479819860511658591e-1))))));
  if (k === 0) return f - (hfsq - s * (hfsq + r));
  return k * LN2_HIGH - (hfsq - (s * (hfsq + r) + (k * LN2_LOW + c)) - f);
}

function expm1(x) {
  var k = 0;
  var c = 0;
  var hi, lo, hfx, hxs, r1, t, e, y;
  if (x !== x || x === 0 || x === Infinity) return x;
  if (x > 709.782712893384) return Infinity;
  if (x < -38.816242) return -1;
  if (Math.abs(x) < 5.5e-17) return x;
  if (Math.abs(x) > 0.5 * LN2) {
    if (Math.abs(x) < 1.5 * LN2) {
      k = x > 0 ? 1 : -1;
    } else {
      k = Math.trunc(1.442695040888963387 * x + (x > 0 ? 0.5 : -0.5));
    }
    hi = x - k * LN2_HIGH;
    lo = k * LN2_LOW;
    x = hi - lo;
    c = hi - x - lo;
  }
  hfx = 0.5 * x;
  hxs = x * hfx;
  r1 =
    1 +
    hxs *
      (-3.33333333333331316428e-2 +
        hxs *
          (1.58730158725481460165e-3 +
            hxs *
              (-7.93650757867487942473e-5 +
                hxs * (4.00821782732936239552e-6 + hxs * -2.01099218183624371326e-7))));
  t = 3 - r1 * hfx;
  e = hxs * ((r1 - t) / (6 - x * t));
  if (k === 0) return x - (x * e - hxs);
  e = x * (e - c) - c;
  e -= hxs;
  if (k === -1) return 0.5 * (x - e) - 0.5;
  if (k === 1) return x < -0.25 ? -2 * (e - (x + 0.5)) : 1 + 2 * (x - e);
  if (k <= -2 || k > 56) {
    y = 1 - (e - x);
    return (k === 1024 ? y * 2 * 8.98846567431158e307 : scale(y, k)) - 1;
  }
  if (k < 20) return scale(1 - Math.pow(2, -k) - (e - x), k);
  return scale(x - (e + Math.pow(2, -k)) + 1, k);
}

export var mathFunctions = {
  acosh(x) {
    x = +x;
    var t;
    if (x < 1 || x !== x) return NaN;
    if (x >= 268435456) return Math.log(x) + LN2;
    if (x === 1) return 0;
    if (x > 2) return Math.log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
    t = x - 1;
    return log1p(t + Math.sqrt(2 * t + t * t));
  },
  asinh(x) {
    x = +x;
    var a = Math.abs(x);
    var w, t;
    if (a === Infinity || x !== x || a < 3.725290298461914e-9) return x;
    if (a > 268435456) {
      w = Math.log(a) + LN2;
    } else if (a > 2) {
      w = Math.log(2 * a + 1 / (Math.sqrt(x * x + 1) + a));
    } else {
      t = x * x;
      w = log1p(a + t / (1 + Math.sqrt(1 + t)));
    }
    return x > 0 ? w : -w;
  },
  atanh(x) {
    x = +x;
    var a = Math.abs(x);
    var t;
    if (a > 1 || x !== x) return NaN;
    if (a === 1) return x * Infinity;
    if (a < 3.725290298461914e-9) return x;
    if (a < 0.5) {
      t = a + a;
      t = 0.5 * log1p(t + (t * a) / (1 - a));
    } else {
      t = 0.5 * log1p((a + a) / (1 - a));
    }
    return x >= 0 ? t : -t;
  },
  cosh(x) {
    x = Math.abs(+x);
    var t, w;
    if (x < 0.5 * LN2) {
      t = expm1(x);
      w = 1 + t;
      return x < 2.77e-17 ? w : 1 + (t * t) / (w + w);
    }
    if (x < 22) {
      t = Math.exp(x);
      return 0.5 * t + 0.5 / t;
    }
    if (x < 709.782712893384) return 0.5 * Math.exp(x);
    if (x <= 710.4758600739439) {
      w = Math.exp(0.5 * x);
      return 0.5 * w * w;
    }
    return x * x;
  },
  expm1(x) {
    return expm1(+x);
  },
  fround(x) {
    var single = new Float32Array(1);
    single[0] = x;
    return single[0];
  },
  log1p(x) {
    return log1p(+x);
  },
  sinh(x) {
    x = +x;
    var a = Math.abs(x);
    var h = x < 0 ? -0.5 : 0.5;
    var t, w;
    if (a < 22) {
      if (a < 3.725290298461914e-9) return x;
      t = expm1(a);
      return a < 1 ? h * (2 * t - (t * t) / (t + 1)) : h * (t + t / (t + 1));
    }
    if (a < 709.7822265625) return h * Math.exp(a);
    if (a <= 710.4758600739439) {
      w = Math.exp(0.5 * a);
      return h * w * w;
    }
    return x * Infinity;
  },
  tanh(x) {
    x = +x;
    var a = Math.abs(x);
    var t, z;
    if (x !== x || x === 0) return x;
    if (a >= 22) return x > 0 ? 1 : -1;
    if (a < 3.7252902984e-9) return x;
    if (a >= 1) {
      t = expm1(2 * a);
      z = 1 - 2 / (t + 2);
    } else {
      t = expm1(-2 * a);
      z = -t / (t + 2);
    }
    return x > 0 ? z : -z;
  },
};
