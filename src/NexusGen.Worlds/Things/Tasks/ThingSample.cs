using System.Collections.Immutable;
using NexusGen.Worlds.Core;
using NexusGen.Worlds.Things.Scenes;

namespace NexusGen.Worlds.Things.Tasks;

/// <summary>
/// A conversation about scenes of things with its right replies. Once a conversation has an image, every turn of the user that
/// attaches none begins with the conversation's last one: <c>"&lt;image&gt; "</c> and that image's scene. Several images stand
/// without a space between them.
/// </summary>
/// <param name="Task">What is asked for.</param>
/// <param name="Category">The kind of question, text, edit or conversation.</param>
/// <param name="Language">The language of all turns.</param>
/// <param name="Turns">The turns; user and model alternate, and the model has the last one.</param>
/// <param name="Pictures">The scenes of the images, in the order of their marks over all turns.</param>
public sealed record ThingSample(
    ThingTask Task, string Category, TextLanguage Language, ImmutableArray<ThingTurn> Turns,
    ImmutableArray<ThingScene> Pictures)
{
    /// <summary>Marks an image in a text, as in the official training data.</summary>
    public const string ImageMark = "<image>";

    /// <summary>The last reply.</summary>
    public string Reply => Turns[^1].Text;

    /// <summary>The scene that the last reply must show, or null if it is words alone.</summary>
    public ThingScene? Target => Reply.EndsWith(ImageMark, StringComparison.Ordinal) ? Pictures[^1] : null;

    /// <summary>The scene that the last reply changes, or null if it changes none.</summary>
    public ThingScene? Source => Reply == EditedReply(Language) ? Pictures[^2] : null;

    /// <summary>Returns what the model says before an image that it generates from a text, as in the official data.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The reply with its image.</returns>
    public static string DrawnReply(TextLanguage language) => (language == TextLanguage.English
        ? "Here is an image based on the description: "
        : "这是根据您的描述生成的图像：") + ImageMark;

    /// <summary>Returns what the model says before an edited image, as in the official data.</summary>
    /// <param name="language">The language.</param>
    /// <returns>The reply with its image.</returns>
    public static string EditedReply(TextLanguage language) =>
        (language == TextLanguage.English ? "Here is the image: " : "以下为编辑后的图像：") + ImageMark;
}
