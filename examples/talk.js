#!/usr/bin/env node
// talk ADDRESS!PORT - connect, send standard input, print what comes: a client in Node.
//
// As in: echo hello | examples/talk.js 10.99.0.1:7 (the tree is at $CATNET, or at /net).
//
// Node reads files in a pool of threads, four unless UV_THREADPOOL_SIZE says more, and a read that
// waits keeps one of them: a program with many conversations asks for more, or polls in a child.
'use strict';
const fs = require('fs');

const TCP = `${process.env.CATNET || '/net'}/tcp`;

function dial(address) {
	const ctl = fs.openSync(`${TCP}/clone`, 'r+');
	const number = Buffer.alloc(32);
	const dir = `${TCP}/${number.toString('latin1', 0, fs.readSync(ctl, number)).trim()}`;

	try {
		fs.writeSync(ctl, `connect ${address}\n`);
	} catch (refused) {
		refused.message = fs.readFileSync(`${dir}/err`, 'utf8').trim();
		throw refused;
	}
	// The conversation lives until both are closed.
	return { ctl, dir, data: fs.openSync(`${dir}/data`, 'r+') };
}

function talk(conversation, input, output) {
	const { ctl, dir, data } = conversation;
	const failed = () => {
		console.error(`talk: ${fs.readFileSync(`${dir}/err`, 'utf8').trim()}`);
		process.exit(1);
	};
	// Two streams over one descriptor, which go on at the same time.
	const to = fs.createWriteStream(null, { fd: data, autoClose: false });
	const from = fs.createReadStream(null, { fd: data, autoClose: false });

	to.on('finish', () => fs.writeSync(ctl, 'shutdown wr\n')).on('error', failed);
	from.on('end', () => fs.closeSync(data)).on('error', failed);
	input.pipe(to);
	from.pipe(output);
}

if (process.argv.length !== 3) {
	console.error('usage: talk ADDRESS!PORT   as in: talk 10.99.0.1:7');
	process.exit(2);
}
try {
	talk(dial(process.argv[2]), process.stdin, process.stdout);
} catch (error) {
	console.error(`talk: ${error.message}`);
	process.exit(1);
}
