using NexusGen.Cli;
using NexusGen.Cli.Core;
using NexusGen.Cli.Training;

using var interrupt = new Interrupt(Ranks.AreLaunched);
return await new CommandLine(Terminal.OfProcess()).RunAsync(args, interrupt.Token);
