// Reflect.construct does not hand its third argument to a plain function as new.target.
console.log(Reflect.construct(function () { this.ok = new.target === Array; }, [], Array).ok);
