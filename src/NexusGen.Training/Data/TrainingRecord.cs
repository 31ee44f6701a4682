using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A record of the official training data: a conversation with its images, in the order of their marks in the text. An image in
/// an assistant turn is one to be generated.
/// </summary>
/// <param name="Images">The image files, resolved against the folder of the data.</param>
/// <param name="Messages">The turns.</param>
public sealed record TrainingRecord(IReadOnlyList<string> Images, IReadOnlyList<TrainingMessage> Messages)
{
    /// <summary>The mark of an image in a text.</summary>
    public const string ImageMark = "<image>";

    /// <summary>Parses a line of JSON: <c>{"images":[…], "messages":[{"role","content"}]}</c>.</summary>
    /// <param name="json">The line.</param>
    /// <param name="folder">The folder that relative file names are resolved against.</param>
    /// <exception cref="NexusGenException">The line is not such a record.</exception>
    public static TrainingRecord Parse(ReadOnlyMemory<byte> json, string folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string[] images = root.TryGetProperty("images", out JsonElement files)
                ? [.. files.EnumerateArray().Select(file => Path.Combine(folder, file.GetString()!))]
                : [];
            TrainingMessage[] messages = [.. root.GetProperty("messages").EnumerateArray().Select(Message)];
            int marks = messages.Sum(message => message.Content.Split(ImageMark).Length - 1);
            if (marks != images.Length)
            {
                throw new NexusGenException($"has {images.Length} images but {marks} {ImageMark} marks");
            }

            return new TrainingRecord(images, messages);
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            throw new NexusGenException($"is not a training record: {e.Message}", e);
        }
    }

    private static TrainingMessage Message(JsonElement json)
    {
        string? role = json.GetProperty("role").GetString();
        string content = json.GetProperty("content").GetString() ?? throw new NexusGenException("has a message without content");
        return role is "system" or "user" or "assistant"
            ? new TrainingMessage(role, content)
            : throw new NexusGenException($"has a message with the unknown role \"{role}\"");
    }
}
