// toLocale*String as en-US.
const d = new Date(Date.UTC(2024, 11, 5, 0, 7, 9));
const e = new Date(Date.UTC(2024, 0, 31, 13, 45, 0));
const clean = (s) => s.replace(/\u202f/g, ' ');
console.log([d.toLocaleString(), d.toLocaleDateString(), d.toLocaleTimeString(), e.toLocaleString('en-US'), e.toLocaleTimeString('en-US', { hour12: false })].map(clean).join(' | '));
console.log([e.toLocaleDateString('en-US', { year: 'numeric', month: 'long', day: 'numeric' }), e.toLocaleDateString('en-US', { weekday: 'long', year: 'numeric', month: 'short', day: 'numeric' }), e.toLocaleDateString('en-US', { month: '2-digit', day: '2-digit', year: 'numeric' }), e.toLocaleTimeString('en-US', { hour: '2-digit', minute: '2-digit' }), e.toLocaleDateString('en-US', { month: 'short', day: 'numeric' })].map(clean).join(' | '));
