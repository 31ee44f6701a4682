using NexusGen.Text;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;

namespace NexusGen.Cli.Training;

/// <summary>The vocabulary of ShapesWorld's texts.</summary>
internal static class WorldVocabulary
{
    private const int Samples = 5000;

    /// <summary>Makes it and writes it as a tokenizer's files.</summary>
    /// <param name="folder">The folder of the language model; it is made where it is missing.</param>
    /// <param name="size">Tokens before the special ones.</param>
    public static void Write(string folder, int size) => BytePairTrainer.Write(Texts(), size, folder);

    private static IEnumerable<string> Texts()
    {
        foreach (WorldTask task in Enum.GetValues<WorldTask>())
        {
            var mix = new WorldMix(1, task, WorldSplit.Train);
            for (int i = 0; i < Samples; i++)
            {
                foreach (WorldTurn turn in mix[i].Turns)
                {
                    yield return turn.Text.Replace(WorldSample.ImageMark, "", StringComparison.Ordinal);
                }

                yield return ChatTemplate.DefaultSystemPrompt;
                yield return "system\n";
                yield return "user\n";
                yield return "assistant\n";
            }
        }
    }
}
