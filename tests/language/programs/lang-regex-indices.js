const m = /(?<a>b)(c)?/d.exec('abx'); console.log(JSON.stringify(m.indices), JSON.stringify(m.indices.groups.a), /x/d.hasIndices, m.indices[2] === undefined);
