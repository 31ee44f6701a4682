using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Commands;

/// <summary>The commands for ShapesWorld: its data, its vocabulary, and the folder of a new model.</summary>
internal sealed class ShapesWorldCommand : Command
{
    /// <summary>Initializes the command and its subcommands.</summary>
    public ShapesWorldCommand(Terminal terminal)
        : base("shapesworld", "Data and models of ShapesWorld, the synthetic world that nexus-gen-tiny is trained on.")
    {
        Subcommands.Add(new WorldModelCommand(terminal, WorldVocabulary.Shapes));
        Subcommands.Add(new WorldTokenizerCommand(terminal, WorldVocabulary.Shapes));
        Subcommands.Add(new SamplesCommand(terminal));
        Subcommands.Add(new ShapesWorldExportCommand(terminal));
    }

    /// <summary>Prints samples of the world's data.</summary>
    private sealed class SamplesCommand : NexusGenCommand
    {
        private readonly Argument<string> _task = new("TASK")
        {
            Description = "understand, generate, edit or talk, optionally followed by categories (/two+turn), a maximum number "
                + "of objects (/2), a language (/zh) or a split (@validation)."
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
            ["nexusgen shapesworld samples edit --count 20", "nexusgen shapesworld samples understand/drill/zh"];

        protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
        {
            string name = parsed.GetRequiredValue(_task);
            WorldMix mix = WorldData.Mix(name, parsed.GetValue(_seed) ?? 0)
                ?? throw new UsageException(
                    $"Unknown task '{name}'; use understand, generate, edit or talk, optionally followed by /category+category, "
                    + "/objects or /en, and by @validation or @test.");
            for (int i = 0; i < (parsed.GetValue(_count) ?? 10); i++)
            {
                WorldSample sample = mix[i];
                output.WriteLine($"{sample.Category}: {string.Join(" | ", sample.Turns.Select(turn => turn.Text))}");
                foreach (Scene scene in sample.Pictures)
                {
                    output.WriteLine($"    {scene}");
                }
            }

            return Task.FromResult(ExitCode.Success);
        }
    }
}
