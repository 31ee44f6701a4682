using NexusGen.Text;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Cli.Training;

/// <summary>Creates the vocabulary of the texts of the world of things.</summary>
internal static class ThingVocabulary
{
    /// <summary>The number of tokens that a vocabulary has before the special ones, unless another is asked for.</summary>
    public const int DefaultSize = 2040;

    private const int Samples = 3000;

    /// <summary>Creates the vocabulary and writes it as the files of a tokenizer.</summary>
    /// <param name="folder">The folder of the language model; it is created if it does not exist.</param>
    /// <param name="size">The number of tokens before the special ones.</param>
    public static void Write(string folder, int size) => BytePairTrainer.Write(Texts(), size, folder);

    private static IEnumerable<string> Texts()
    {
        foreach (ThingTask task in Enum.GetValues<ThingTask>())
        {
            var mix = new ThingMix(1, task, WorldSplit.Train);
            for (int i = 0; i < Samples; i++)
            {
                foreach (ThingTurn turn in mix[i].Turns)
                {
                    yield return turn.Text.Replace(ThingSample.ImageMark, "", StringComparison.Ordinal);
                }

                yield return ChatTemplate.DefaultSystemPrompt;
                yield return "system\n";
                yield return "user\n";
                yield return "assistant\n";
            }
        }
    }
}
