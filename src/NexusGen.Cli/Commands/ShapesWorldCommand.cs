using System.CommandLine;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Training;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Commands;

/// <summary>What belongs to ShapesWorld alone: its data, its vocabulary, and the beginning of a model of it.</summary>
internal sealed class ShapesWorldCommand : Command
{
    /// <summary>The command.</summary>
    public ShapesWorldCommand(Terminal terminal)
        : base("shapesworld", "The small world that nexus-gen-tiny learns from.")
    {
        Subcommands.Add(new ShapesWorldModelCommand(terminal));
        Subcommands.Add(new TokenizerCommand(terminal));
        Subcommands.Add(new SamplesCommand(terminal));
        Subcommands.Add(new ShapesWorldExportCommand(terminal));
    }

    /// <summary>Shows samples of the world's data.</summary>
    private sealed class SamplesCommand : NexusGenCommand
    {
        private readonly Argument<string> _task = new("TASK") { Description = "understand, generate, edit or talk; behind it perhaps categories (/two+turn), a most number of objects (/2), a language (/zh), a split (@validation)." };
        private readonly Option<int?> _count = OptionOf.Whole("--count", "How many. [10]", 1, 100_000, "-n");
        private readonly Option<ulong?> _seed = OptionOf.Seed("--seed", "Which ones. [0]");

        public SamplesCommand(Terminal terminal)
            : base(terminal, "samples", "Show samples of the world's training data: what is said, and the scenes of the pictures.")
        {
            Arguments.Add(_task);
            Options.Add(_count);
            Options.Add(_seed);
        }

        public override IReadOnlyList<string> Examples => ["nexusgen shapesworld samples edit --count 20", "nexusgen shapesworld samples understand/drill/zh"];

        protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
        {
            string name = parsed.GetRequiredValue(_task);
            WorldMix mix = WorldData.Mix(name, parsed.GetValue(_seed) ?? 0)
                ?? throw new UsageException($"There is no task '{name}': understand, generate, edit or talk, then perhaps /category+category, /objects or /en, and @validation or @test.");
            for (int i = 0; i < (parsed.GetValue(_count) ?? 10); i++)
            {
                WorldSample sample = mix[i];
                output.Line($"{sample.Category}: {string.Join(" | ", sample.Turns.Select(turn => turn.Text))}");
                foreach (Scene scene in sample.Pictures)
                {
                    output.Line($"    {scene}");
                }
            }

            return Task.FromResult(ExitCode.Done);
        }
    }

    /// <summary>Makes a vocabulary from the world's texts.</summary>
    private sealed class TokenizerCommand : NexusGenCommand
    {
        private readonly Option<string?> _output = OptionOf.Text("--output", "The model folder that gets the files (Nexus-GenV2).", "FOLDER", "-o");
        private readonly Option<int?> _size = OptionOf.Whole("--size", "Tokens before the special ones. [1000]", 256, 100_000);

        public TokenizerCommand(Terminal terminal)
            : base(terminal, "tokenizer", "Make a byte-pair vocabulary from the world's texts, for a model that is trained from nothing.")
        {
            Options.Add(_output);
            Options.Add(_size);
        }

        public override IReadOnlyList<string> Examples => ["nexusgen shapesworld tokenizer --output my-model/Nexus-GenV2 --size 1000"];

        protected override Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
        {
            string folder = parsed.GetValue(_output) ?? throw new UsageException("The folder is missing: --output my-model/Nexus-GenV2.");
            WorldVocabulary.Write(folder, parsed.GetValue(_size) ?? 1000);
            output.Line(folder);
            return Task.FromResult(ExitCode.Done);
        }
    }
}
