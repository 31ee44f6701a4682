using System.ComponentModel;
using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Mcp;

/// <summary>
/// The model as tools of the Model Context Protocol: generate, edit, describe and compare images. A generated image is image
/// content with a name, by which later calls can use it, because an assistant can hardly write the bytes of an image itself.
/// </summary>
internal sealed class ImageTools(
    ModelGateway gateway, ImageNames names, Limits limits, ErrorTranslation errors, IMcpCaller caller)
{
    private const string PictureHelp =
        "The picture: its name from an earlier call (picture_…), a data URL, or the path of a file in a folder "
        + "that the server was given.";

    private const string SizeHelp = "Width and height in pixels, like 512x512; the model's own where left out.";
    private const string SeedHelp =
        "Seed: the same seed draws the same picture again. A random one if left out; the answer names it.";
    private const string StepsHelp = "Denoising steps.";
    private const string LorasHelp = "LoRAs (styles, subjects) with their strengths, like [\"style=0.8\"].";

    /// <summary>Generates images.</summary>
    [McpServerTool(Name = "draw_picture", Title = "Draw a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Draws a picture from a description in English or Chinese. "
        + "Gives the picture, and a name by which other tools can use it.")]
    public Task<CallToolResult> GenerateAsync(
        [Description("What the picture shows.")] string prompt,
        IProgress<ProgressNotificationValue> progress,
        [Description(SizeHelp)] string? size = null,
        [Description(SeedHelp)] long? seed = null,
        [Description(StepsHelp)] int? steps = null,
        [Description("How many pictures, with consecutive seeds.")] int? count = null,
        [Description(LorasHelp)] string[]? loras = null,
        CancellationToken cancellationToken = default) =>
        GenerateAsync(prompt, null, Fields(size, seed, steps), count, loras, progress, cancellationToken);

    /// <summary>Edits an image.</summary>
    [McpServerTool(Name = "edit_picture", Title = "Edit a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Changes a picture as an instruction says, in English or Chinese; all else stays as it is. "
        + "Gives the new picture and its name.")]
    public Task<CallToolResult> EditAsync(
        [Description(PictureHelp)] string picture,
        [Description("What to change, like: make the ring green.")] string instruction,
        IProgress<ProgressNotificationValue> progress,
        [Description(SizeHelp)] string? size = null,
        [Description(SeedHelp)] long? seed = null,
        [Description(StepsHelp)] int? steps = null,
        [Description(LorasHelp)] string[]? loras = null,
        CancellationToken cancellationToken = default) =>
        GenerateAsync(instruction, picture, Fields(size, seed, steps), null, loras, progress, cancellationToken);

    /// <summary>Describes an image.</summary>
    [McpServerTool(Name = "describe_picture", Title = "Describe a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Says in words what a picture shows, or answers a question about it, in the question's language.")]
    public Task<CallToolResult> DescribeAsync(
        [Description(PictureHelp)] string picture,
        IProgress<ProgressNotificationValue> progress,
        [Description("A question about the picture; its description where left out.")] string? question = null,
        [Description(LorasHelp)] string[]? loras = null,
        CancellationToken cancellationToken = default) =>
        AnswerAsync([("picture", picture)], question ?? "Describe this picture.", loras, progress, cancellationToken);

    /// <summary>Compares two images.</summary>
    [McpServerTool(Name = "compare_pictures", Title = "Compare two pictures", ReadOnly = true, OpenWorld = false)]
    [Description("Looks at two pictures at once and answers a question about both.")]
    public Task<CallToolResult> CompareAsync(
        [Description(PictureHelp)] string first,
        [Description(PictureHelp)] string second,
        IProgress<ProgressNotificationValue> progress,
        [Description("The question; whether they show the same where left out.")] string? question = null,
        [Description(LorasHelp)] string[]? loras = null,
        CancellationToken cancellationToken = default) =>
        AnswerAsync(
            [("first", first), ("second", second)],
            question ?? "Are these two pictures the same?",
            loras,
            progress,
            cancellationToken);

    private static string Resized(OutputImage image) =>
        image.IsResized ? $" (resized from {image.GeneratedSize}, a size that this model generates)" : "";

    private static PictureFields Fields(string? size, long? seed, int? steps) =>
        new() { Size = size, Seed = seed, Steps = steps };

    private Task<CallToolResult> GenerateAsync(
        string prompt,
        string? source,
        PictureFields fields,
        int? count,
        string[]? loras,
        IProgress<ProgressNotificationValue> progress,
        CancellationToken cancellationToken) =>
        RunAsync(source is null ? "draw" : "edit", cancellationToken, async work =>
        {
            string text = string.IsNullOrWhiteSpace(prompt)
                ? throw ApiException.BadRequest("The text is empty: say what to draw or to change.")
                : prompt;
            limits.TextLength(text.Length, source is null ? "prompt" : "instruction");
            ImageSettings settings = ImageSettingsReader.Read(fields, limits, parent: null) with
            {
                Count = limits.Count(count, "count"),
            };
            var generation = new ImageGeneration(text, null, settings, limits.MaxTokens) { Loras = limits.With(loras) };
            if (source is not null)
            {
                generation = generation with { Source = (await ReadAsync([("picture", source)], work).ConfigureAwait(false))[0] };
            }

            List<ContentBlock> contents = [];
            var made = new GenerationProgress();
            await foreach (ReplyUpdate update in work.StreamAsync(generation).ConfigureAwait(false))
            {
                if (made.After(update) is { } report)
                {
                    progress.Report(report);
                }
                else if (update is ReplyUpdate.ImageFinished { Image: var image })
                {
                    contents.AddRange(Contents(image));
                }
            }

            return contents;
        });

    private Task<CallToolResult> AnswerAsync(
        (string Argument, string Name)[] pictures,
        string question,
        string[]? loras,
        IProgress<ProgressNotificationValue> progress,
        CancellationToken cancellationToken) =>
        RunAsync("describe", cancellationToken, async work =>
        {
            limits.TextLength(question.Length, "question");
            var input = new ChatInput(question)
            {
                Images = await ReadAsync(pictures, work).ConfigureAwait(false),
                Action = ChatAction.Ask,
                Reply = new ReplySettings { MaxNewTokens = limits.MaxTokens },
            };
            input = limits.With(loras).Apply(input);
            string text = "";
            int pieces = 0;
            IAsyncEnumerable<ReplyUpdate> updates =
                await work.AnswerAsync(new Conversation(null, [], [], input), "question").ConfigureAwait(false);
            await foreach (ReplyUpdate update in updates.ConfigureAwait(false))
            {
                if (update is ReplyUpdate.TextDelta delta)
                {
                    text += delta.Text;
                    progress.Report(new ProgressNotificationValue { Progress = ++pieces, Message = "writing" });
                }
            }

            return [new TextContentBlock { Text = text }];
        });

    private Task<IReadOnlyList<RgbImage>> ReadAsync((string Argument, string Name)[] pictures, ModelGateway.Work work) =>
        names.ReadAsync(pictures, caller.Client, work.Cancellation);

    private IEnumerable<ContentBlock> Contents(OutputImage image)
    {
        byte[] data = ImageFileFormat.Png.Encode(image.Image);
        string name = names.Keep(data, caller.Client);
        yield return ImageContentBlock.FromBytes(data, ImageFileFormat.Png.MediaType);
        yield return new TextContentBlock
        {
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {image.Image.Width}x{image.Image.Height}{Resized(image)}, "
                + $"seed {image.Settings.Seed}, {image.Settings.Steps} steps"),
        };
    }

    // Errors are reported to the assistant, which can correct its call.
    private async Task<CallToolResult> RunAsync(
        string operation, CancellationToken cancellationToken, Func<ModelGateway.Work, Task<List<ContentBlock>>> run)
    {
        try
        {
            using ModelGateway.Work work =
                await gateway.BeginAsync(caller.Client, operation, cancellationToken).ConfigureAwait(false);
            return new CallToolResult { Content = await run(work).ConfigureAwait(false) };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            string message = errors.Translate(e, caller.Request).Message;
            return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = message }] };
        }
    }
}
