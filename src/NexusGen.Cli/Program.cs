using NexusGen.Cli;
using NexusGen.Cli.Core;

using var interrupt = new Interrupt();
return await new CommandLine(Terminal.OfProcess()).RunAsync(args, interrupt.Token);
