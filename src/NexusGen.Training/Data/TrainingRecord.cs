using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A record of the official training data: a conversation with its images, in the order of their marks in the text. An image in
/// an assistant turn is one to be generated.
/// </summary>
/// <param name="Images">
/// The images: files, resolved against the folder of the data, or <c>data:</c> URLs with the bytes of a file.
/// </param>
/// <param name="Messages">The turns.</param>
public sealed record TrainingRecord(IReadOnlyList<string> Images, IReadOnlyList<TrainingMessage> Messages)
{
    /// <summary>
    /// The image that says what of the last image the training of a decoder learns, white for all and black for nothing; or null.
    /// </summary>
    internal string? Mask { get; init; }

    /// <summary>The mark of an image in a text.</summary>
    public const string ImageMark = "<image>";

    /// <summary>
    /// Parses a line of JSON in one of the forms that ms-swift 3, the official training code, takes: <c>{"images":[…],
    /// "messages":[{"role","content"}]}</c>, the turns of ShareGPT (<c>conversations</c> with <c>from</c> and <c>value</c>), or
    /// <c>query</c>, <c>response</c> and <c>history</c>. If the text has fewer marks than there are images, the missing ones are
    /// put before the text of the first message.
    /// </summary>
    /// <param name="json">The line.</param>
    /// <param name="folder">The folder that relative file names are resolved against.</param>
    /// <exception cref="NexusGenException">The line is not such a record.</exception>
    public static TrainingRecord Parse(ReadOnlyMemory<byte> json, string folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            var fields = new RecordFields(document.RootElement);
            foreach (string media in (ReadOnlySpan<string>)["videos", "video", "audios", "audio"])
            {
                if (fields.Find(media) is { } value && !(value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0))
                {
                    throw new NexusGenException($"has {media}, which the model does not take");
                }
            }

            List<string> inside = [];
            List<TrainingMessage> messages = RecordMessages.Read(fields, inside);
            List<string> images = RecordImages.Read(fields.Find("images", "image"));
            if (inside.Count > 0 && images.Count > 0)
            {
                throw new NexusGenException("has images both in its messages and beside them");
            }

            images = images.Count > 0 ? images : inside;
            images = images.Count > 0 ? images : RecordMessages.TakeTags(messages);
            AddMarks(messages, images.Count);
            return new TrainingRecord([.. images.Select(image => RecordImages.Resolve(image, folder))], messages)
            {
                Mask = fields.Text("mask") is { } mask ? RecordImages.Resolve(mask, folder) : null,
            };
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException or FormatException)
        {
            throw new NexusGenException($"is not a training record: {e.Message}", e);
        }
    }

    // Marks that are missing go where ms-swift puts them: before the first turn that is not the system prompt.
    private static void AddMarks(List<TrainingMessage> messages, int images)
    {
        int marks = messages.Sum(message => message.Content.Split(ImageMark).Length - 1);
        if (marks > images)
        {
            throw new NexusGenException($"has {images} images but {marks} {ImageMark} marks");
        }

        if (marks < images)
        {
            int first = messages.FindIndex(message => message.Role != "system");
            if (first < 0)
            {
                throw new NexusGenException("has images but no message for them");
            }

            string added = string.Concat(Enumerable.Repeat(ImageMark, images - marks));
            messages[first] = messages[first] with { Content = added + messages[first].Content };
        }
    }
}
