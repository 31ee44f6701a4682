using System.ComponentModel;
using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using NexusGen.Imaging;
using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Pictures;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Mcp;

/// <summary>
/// The model as tools of the Model Context Protocol: draw, edit, describe and compare pictures. Drawn pictures come as image content
/// with a name by which later calls may use them, for an assistant can hardly write a picture's bytes itself.
/// </summary>
internal sealed class PictureTools(ModelGateway gateway, PictureNames names, Limits limits, ErrorTranslation errors, IMcpCaller caller)
{
    private const string PictureHelp =
        "The picture: its name from an earlier call (picture_…), a data URL, or the path of a file in a folder that the server was given.";

    /// <summary>Draws.</summary>
    [McpServerTool(Name = "draw_picture", Title = "Draw a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Draws a picture from a description in English or Chinese. Gives the picture, and a name by which other tools can use it.")]
    public Task<CallToolResult> DrawAsync(
        [Description("What the picture shows.")] string prompt,
        IProgress<ProgressNotificationValue> progress,
        [Description("Width and height in pixels, like 512x512; the model's own where left out.")] string? size = null,
        [Description("Seed: the same seed draws the same picture again.")] long? seed = null,
        [Description("Denoising steps.")] int? steps = null,
        [Description("How many pictures, with consecutive seeds.")] int? count = null,
        CancellationToken cancellationToken = default) =>
        DrawAsync(prompt, null, new PictureFields { Size = size, Seed = seed, Steps = steps }, count, progress, cancellationToken);

    /// <summary>Edits.</summary>
    [McpServerTool(Name = "edit_picture", Title = "Edit a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Changes a picture as an instruction says, in English or Chinese; all else stays as it is. Gives the new picture and its name.")]
    public Task<CallToolResult> EditAsync(
        [Description(PictureHelp)] string picture,
        [Description("What to change, like: make the ring green.")] string instruction,
        IProgress<ProgressNotificationValue> progress,
        [Description("Width and height in pixels, like 512x512; the model's own where left out.")] string? size = null,
        [Description("Seed: the same seed draws the same picture again.")] long? seed = null,
        [Description("Denoising steps.")] int? steps = null,
        CancellationToken cancellationToken = default) =>
        DrawAsync(instruction, picture, new PictureFields { Size = size, Seed = seed, Steps = steps }, null, progress, cancellationToken);

    /// <summary>Describes.</summary>
    [McpServerTool(Name = "describe_picture", Title = "Describe a picture", ReadOnly = true, OpenWorld = false)]
    [Description("Says in words what a picture shows, or answers a question about it, in the question's language.")]
    public Task<CallToolResult> DescribeAsync(
        [Description(PictureHelp)] string picture,
        IProgress<ProgressNotificationValue> progress,
        [Description("A question about the picture; its description where left out.")] string? question = null,
        CancellationToken cancellationToken = default) =>
        AnswerAsync([picture], question ?? "Describe this picture.", progress, cancellationToken);

    /// <summary>Compares.</summary>
    [McpServerTool(Name = "compare_pictures", Title = "Compare two pictures", ReadOnly = true, OpenWorld = false)]
    [Description("Looks at two pictures at once and answers a question about both.")]
    public Task<CallToolResult> CompareAsync(
        [Description(PictureHelp)] string first,
        [Description(PictureHelp)] string second,
        IProgress<ProgressNotificationValue> progress,
        [Description("The question; whether they show the same where left out.")] string? question = null,
        CancellationToken cancellationToken = default) =>
        AnswerAsync([first, second], question ?? "Are these two pictures the same?", progress, cancellationToken);

    private Task<CallToolResult> DrawAsync(
        string prompt, string? source, PictureFields fields, int? count, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken) =>
        RunAsync(source is null ? "draw" : "edit", cancellationToken, async work =>
        {
            string text = string.IsNullOrWhiteSpace(prompt) ? throw ApiException.BadRequest("The text is empty: say what to draw or to change.") : prompt;
            limits.TextLength(text.Length, "prompt");
            ImageSettings settings = ImageSettingsReader.Read(fields, limits) with { Count = limits.Count(count) };
            RgbImage? image = source is null ? null : (await names.ReadAsync([source], caller.Client, work.Cancellation).ConfigureAwait(false))[0];
            List<ContentBlock> contents = [];
            var painting = new PaintingProgress();
            var generation = new ImageGeneration(text, image, settings, limits.MaxTokens);
            await foreach (ReplyUpdate update in work.StreamAsync(generation).ConfigureAwait(false))
            {
                if (painting.After(update) is { } made)
                {
                    progress.Report(made);
                }
                else if (update is ReplyUpdate.ImageFinished { Image: var picture })
                {
                    contents.AddRange(Tell(picture));
                }
            }

            return contents;
        });

    private Task<CallToolResult> AnswerAsync(string[] pictures, string question, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken) =>
        RunAsync("describe", cancellationToken, async work =>
        {
            limits.TextLength(question.Length, "question");
            IReadOnlyList<RgbImage> images = await names.ReadAsync(pictures, caller.Client, work.Cancellation).ConfigureAwait(false);
            string text = "";
            int pieces = 0;
            var input = new ChatInput(question) { Images = images, Reply = new ReplySettings { MaxNewTokens = limits.MaxTokens } };
            await foreach (ReplyUpdate update in work.AnswerAsync(new Conversation(null, [], input)).ConfigureAwait(false))
            {
                if (update is ReplyUpdate.TextDelta delta)
                {
                    text += delta.Text;
                    progress.Report(new ProgressNotificationValue { Progress = ++pieces, Message = "writing" });
                }
            }

            return [new TextContentBlock { Text = text }];
        });

    private IEnumerable<ContentBlock> Tell(OutputImage picture)
    {
        byte[] data = PictureFormat.Png.Encode(picture.Image);
        string name = names.Keep(data, caller.Client);
        yield return ImageContentBlock.FromBytes(data, PictureFormat.Png.MediaType);
        yield return new TextContentBlock
        {
            Text = string.Create(CultureInfo.InvariantCulture, $"{name}: {picture.Image.Width}x{picture.Image.Height}, seed {picture.Settings.Seed}, {picture.Settings.Steps} steps"),
        };
    }

    // What is wrong with a call is told to the assistant, which may do better then.
    private async Task<CallToolResult> RunAsync(string operation, CancellationToken cancellationToken, Func<ModelGateway.Work, Task<List<ContentBlock>>> run)
    {
        try
        {
            using ModelGateway.Work work = await gateway.BeginAsync(caller.Client, operation, cancellationToken).ConfigureAwait(false);
            return new CallToolResult { Content = await run(work).ConfigureAwait(false) };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = errors.Translate(e, caller.Request).Message }] };
        }
    }
}
