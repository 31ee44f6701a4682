using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// A record of the official training data: a conversation with its pictures, in the order of their marks. A picture in a turn
/// of the assistant is one to be drawn.
/// </summary>
/// <param name="Images">The files of the pictures, resolved against the data's folder.</param>
/// <param name="Messages">The turns.</param>
public sealed record TrainingRecord(IReadOnlyList<string> Images, IReadOnlyList<TrainingMessage> Messages)
{
    /// <summary>The mark of a picture in a text.</summary>
    public const string ImageMark = "<image>";

    /// <summary>Reads a line of JSON: <c>{"images":[…], "messages":[{"role","content"}]}</c>.</summary>
    /// <param name="json">The line.</param>
    /// <param name="folder">The folder that relative names are resolved against.</param>
    /// <exception cref="NexusGenException">It is not such a record.</exception>
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
                throw new NexusGenException($"has {images.Length} pictures but {marks} marks {ImageMark}");
            }

            return new TrainingRecord(images, messages);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
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
            : throw new NexusGenException($"has a message of the unknown role \"{role}\"");
    }
}
