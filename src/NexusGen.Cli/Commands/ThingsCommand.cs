using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Worlds.Things.Scenes;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Cli.Commands;

/// <summary>The commands for the world of things: its data, its vocabulary, and the folder of a new model.</summary>
internal sealed class ThingsCommand : Command
{
    /// <summary>Initializes the command and its subcommands.</summary>
    public ThingsCommand(Terminal terminal)
        : base("things", "Data and models of the world of things, in which small models learn to draw, edit, see and talk.")
    {
        Subcommands.Add(new WorldModelCommand(terminal, WorldVocabulary.Things));
        Subcommands.Add(new WorldTokenizerCommand(terminal, WorldVocabulary.Things));
        Subcommands.Add(new SamplesCommand(terminal));
    }

    /// <summary>Prints samples of the world's data.</summary>
    private sealed class SamplesCommand : NexusGenCommand
    {
        private readonly Argument<string> _task = new("TASK")
        {
            Description = "understand, generate, edit, talk or converse, optionally followed by categories (/two+turn), a "
                + "maximum number of things (/2), a language (/zh) or a split (@validation)."
        };
        private readonly Option<int?> _count = OptionOf.Integer("--count", "Number of samples. [10]", 1, 100_000, "-n");
        private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Seed of the samples. [0]");

        public SamplesCommand(Terminal terminal)
            : base(
                terminal,
                "samples",
                "Print samples of the training data: the conversations and the scenes of their images.")
        {
            Arguments.Add(_task);
            Options.Add(_count);
            Options.Add(_seed);
        }

        public override IReadOnlyList<string> Examples =>
            ["nexusgen things samples converse --count 20", "nexusgen things samples understand/relations/zh"];

        protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
        {
            ThingMix mix = ThingData.Mix(parsed.GetRequiredValue(_task), parsed.GetValue(_seed) ?? 0);
            for (int i = 0; i < (parsed.GetValue(_count) ?? 10); i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ThingSample sample = mix[i];
                output.WriteLine($"{sample.Category}: {string.Join(" | ", sample.Turns.Select(turn => turn.Text))}");
                foreach (ThingScene scene in sample.Pictures)
                {
                    output.WriteLine($"    {scene}");
                }
            }

            return Task.FromResult(ExitCode.Success);
        }
    }
}
