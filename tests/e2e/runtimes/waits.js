// waits ADDRESS ECHO_PORT - what Node's pool of threads makes of the files. Prints "ok NAME" or
// "FAILED NAME reason" for each claim.
'use strict';
const fs = require('fs');

const TCP = `${process.env.CATNET}/tcp`;
const ADDRESS = `${process.argv[2]}!${process.argv[3]}`;

async function conversation() {
	const ctl = await fs.promises.open(`${TCP}/clone`, 'r+');
	const { buffer, bytesRead } = await ctl.read(Buffer.alloc(32), 0, 32);
	const dir = `${TCP}/${buffer.toString('latin1', 0, bytesRead).trim()}`;

	await ctl.write(`connect ${ADDRESS}`);
	return { ctl, dir, data: await fs.promises.open(`${dir}/data`, 'r+') };
}

async function close(c) {
	await c.data.close();
	await c.ctl.close();
}

async function readExactly(file, length) {
	const all = Buffer.alloc(length);

	for (let done = 0; done < length;) {
		const { bytesRead } = await file.read(all, done, length - done);
		if (bytesRead === 0)
			throw new Error(`the end after ${done} of ${length} bytes`);
		done += bytesRead;
	}
	return all;
}

function expect(what, good, got) {
	if (!good)
		throw new Error(`${what}: ${got}`);
}

const tests = {
	'bytes go both ways at once over one file handle': async () => {
		const c = await conversation();
		const sent = Buffer.alloc(3 << 20, 'both ways ');
		const writing = c.data.writeFile(sent);
		const got = await readExactly(c.data, sent.length);

		await writing;
		expect('equality', got.equals(sent), 'they differ');
		await close(c);
	},
	'a write goes through beside a read that waits': async () => {
		const c = await conversation();
		const reading = readExactly(c.data, 7);

		await new Promise(done => setTimeout(done, 100));
		await c.data.write('through');
		expect('what came', (await reading).toString() === 'through', 'something else');
		await close(c);
	},
	'twenty conversations wait at once where the pool is large enough': async () => {
		const all = await Promise.all(Array.from({ length: 20 }, conversation));
		const reading = all.map(c => readExactly(c.data, 2));

		await new Promise(done => setTimeout(done, 200));
		for (const [i, c] of all.entries())
			await c.data.write(String(i).padStart(2, '0'));
		const got = (await Promise.all(reading)).map(b => Number(b.toString()));
		expect('what came', got.every((n, i) => n === i), got);
		await Promise.all(all.map(close));
	},
	'readFile reads a table and a stream to its end': async () => {
		const c = await conversation();

		await c.data.write('to the end');
		await c.ctl.write('shutdown wr');
		expect('data', await fs.promises.readFile(`${c.dir}/data`, 'utf8') === 'to the end',
			'something else');
		expect('stats', JSON.parse(fs.readFileSync(`${TCP}/../stats`, 'utf8')).schema === 1,
			'another schema');
		expect('status', /^[A-Z]/.test(fs.readFileSync(`${c.dir}/status`, 'utf8')), 'none');
		await close(c);
	},
	'a refusal is an error with its code': async () => {
		const ctl = fs.openSync(`${TCP}/clone`, 'r+');
		let code = 'none';

		try {
			fs.writeSync(ctl, `connect ${process.argv[2]}!99`);
		} catch (error) {
			code = error.code;
		}
		expect('code', code === 'ECONNREFUSED', code);
		fs.closeSync(ctl);
	},
};

(async () => {
	for (const [name, test] of Object.entries(tests)) {
		try {
			await test();
			console.log(`ok ${name}`);
		} catch (error) {
			console.log(`FAILED ${name} ${error.message}`);
			process.exitCode = 1;
		}
	}
})();
