// A node of the stand-in as the world sees it: a process whose connections end with it, and freeze with it.
import { Relay } from './relay';

const [port = 0, target = 0] = process.argv.slice(2).map(Number);
process.on('disconnect', () => process.exit());
new Relay(target).listen(port).then(
  (listening) => process.send!(listening),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
