using Markdig;

namespace NexusGen.Server.Studio;

/// <summary>The card of a model: the <c>README.md</c> in its folder, as model hubs show it.</summary>
internal static class ModelCard
{
    private const string Name = "README.md";
    private const int MaxLength = 1 << 20;

    // Markup of the card itself stays text.
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().UseAutoLinks().DisableHtml().Build();

    /// <summary>Returns the card as HTML, or null if there is none that can be read.</summary>
    /// <param name="folder">The folder of the model.</param>
    public static string? Read(string folder)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, Name));
            return file.Exists && file.Length <= MaxLength ? Markdown.ToHtml(File.ReadAllText(file.FullName), Pipeline) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The model works without it. Markdig throws an ArgumentException for text that is nested too deeply.
            return null;
        }
    }
}
