using NexusGen.Text;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Tasks;
using NexusGen.Worlds.Things.Tasks;

namespace NexusGen.Cli.Training;

/// <summary>The vocabulary of a world's texts, for a model that is trained from scratch.</summary>
/// <param name="Name">The name of the world's command.</param>
/// <param name="Size">The usual number of tokens before the special ones.</param>
/// <param name="Texts">The texts.</param>
internal sealed record WorldVocabulary(string Name, int Size, IEnumerable<string> Texts)
{
    /// <summary>Gets the vocabulary of ShapesWorld.</summary>
    public static WorldVocabulary Shapes { get; } = new("shapesworld", 1000, ShapeTexts());

    /// <summary>Gets the vocabulary of the world of things.</summary>
    public static WorldVocabulary Things { get; } = new("things", 2040, ThingTexts());

    /// <summary>Creates the vocabulary and writes it as the files of a tokenizer.</summary>
    /// <param name="folder">The folder of the language model; it is created if it does not exist.</param>
    /// <param name="size">The number of tokens before the special ones.</param>
    public void Write(string folder, int size) => BytePairTrainer.Write(Texts, size, folder);

    private static IEnumerable<string> ShapeTexts() =>
        from task in Enum.GetValues<WorldTask>()
        let mix = new WorldMix(1, task, WorldSplit.Train)
        from place in Enumerable.Range(0, 5000)
        from text in InTemplate(mix[place].Turns.Select(turn => turn.Text))
        select text;

    private static IEnumerable<string> ThingTexts() =>
        from task in Enum.GetValues<ThingTask>()
        let mix = new ThingMix(1, task, WorldSplit.Train)
        from place in Enumerable.Range(0, 3000)
        from text in InTemplate(mix[place].Turns.Select(turn => turn.Text))
        select text;

    // The chat template stands around every conversation.
    private static IEnumerable<string> InTemplate(IEnumerable<string> turns) =>
        turns.Select(text => text.Replace(SpecialTokens.ImageTag, "", StringComparison.Ordinal))
            .Concat([ChatTemplate.DefaultSystemPrompt, "system\n", "user\n", "assistant\n"]);
}
