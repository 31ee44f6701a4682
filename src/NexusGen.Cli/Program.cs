using NexusGen.Cli;

using var interrupt = new Interrupt();
return await new CommandLine(Terminal.OfProcess()).RunAsync(args, interrupt.Token);
