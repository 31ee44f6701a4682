using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NexusGen.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Reads the turns of a training record in the forms of ms-swift's preprocessors (<c>swift/llm/dataset/preprocessor</c>). Names
/// of keys and roles are those that it knows.
/// </summary>
internal static partial class RecordMessages
{
    private const string System = "system", User = "user", Assistant = "assistant";

    /// <summary>Reads the turns.</summary>
    /// <param name="record">The record.</param>
    /// <param name="images">Receives the images that are inside of messages.</param>
    /// <exception cref="NexusGenException">A turn has an unknown role or no content.</exception>
    /// <exception cref="KeyNotFoundException">The record has no turns.</exception>
    public static List<TrainingMessage> Read(RecordFields record, List<string> images)
    {
        JsonElement? given = record.Find("messages", "conversations", "conversation");
        List<TrainingMessage> messages = given is { } turns ? Turns(turns, images) : Pairs(record);
        if (messages.Count == 0)
        {
            throw new NexusGenException("has no messages");
        }

        string? system = record.Text(System, "system_prompt");
        if (system is not null && messages[0].Role != System)
        {
            messages.Insert(0, new TrainingMessage(System, system));
        }

        // A conversation that the assistant begins answers an empty question.
        int first = messages[0].Role == System ? 1 : 0;
        if (first < messages.Count && messages[first].Role == Assistant)
        {
            messages.Insert(first, new TrainingMessage(User, ""));
        }

        return messages;
    }

    /// <summary>Replaces the older tags with a file inside by marks.</summary>
    /// <param name="messages">The turns, which are changed.</param>
    /// <returns>The files, in order.</returns>
    public static List<string> TakeTags(List<TrainingMessage> messages)
    {
        List<string> images = [];
        for (int i = 0; i < messages.Count; i++)
        {
            images.AddRange(Tag().Matches(messages[i].Content).Select(match => match.Groups[1].Value));
            messages[i] = messages[i] with { Content = Tag().Replace(messages[i].Content, TrainingRecord.ImageMark) };
        }

        return images;
    }

    private static List<TrainingMessage> Turns(JsonElement turns, List<string> images)
    {
        if (turns.ValueKind == JsonValueKind.String)
        {
            using JsonDocument inner = JsonDocument.Parse(turns.GetString()!);
            return Turns(inner.RootElement.Clone(), images);
        }

        List<TrainingMessage> messages = [];
        foreach (JsonElement turn in turns.EnumerateArray())
        {
            var fields = new RecordFields(turn);
            if (fields.Find("role", "from") is not null || fields.Find("content", "value") is not null)
            {
                messages.Add(Message(fields, images));
                continue;
            }

            // A question and its answer in one object.
            string question = fields.Text(User, "human") ?? throw WithoutContent();
            string answer = fields.Text(Assistant, "gpt", "bot") ?? throw WithoutContent();
            messages.AddRange([new TrainingMessage(User, question), new TrainingMessage(Assistant, answer)]);
        }

        return messages;
    }

    private static TrainingMessage Message(RecordFields turn, List<string> images)
    {
        string? given = turn.Text("role", "from");
        string role = given switch
        {
            System => System,
            User or "human" => User,
            Assistant or "gpt" or "bot" => Assistant,
            _ => throw new NexusGenException($"has a message with the unknown role \"{given}\""),
        };
        JsonElement content = turn.Find("content", "value") ?? throw WithoutContent();
        return new TrainingMessage(
            role, content.ValueKind == JsonValueKind.Array ? Parts(content, images) : content.GetString()!);
    }

    // The content as a list of parts: texts, and images with or without their file.
    private static string Parts(JsonElement parts, List<string> images)
    {
        var text = new StringBuilder();
        foreach (JsonElement part in parts.EnumerateArray())
        {
            var fields = new RecordFields(part);
            string? type = fields.Text("type");
            switch (type)
            {
                case "text":
                    text.Append(fields.Text("text"));
                    break;
                case "image" or "image_url":
                    text.Append(TrainingRecord.ImageMark);
                    images.AddRange(RecordImages.Read(fields.Find(type)));
                    break;
                default:
                    throw new NexusGenException($"has a message with a part of the unknown type \"{type}\"");
            }
        }

        return text.ToString();
    }

    // A question and its answer beside those before. As in ms-swift, an instruction with an input is Alpaca's form.
    private static List<TrainingMessage> Pairs(RecordFields record)
    {
        List<TrainingMessage> messages = [];
        foreach (JsonElement pair in History(record.Find("history")))
        {
            if (pair.GetArrayLength() != 2)
            {
                throw new NexusGenException("has a history with something else than pairs of a query and a response");
            }

            Add(User, pair[0].GetString());
            Add(Assistant, pair[1].GetString());
        }

        string? query = record.Find("instruction") is { } instruction && record.Find("input") is { } input
            ? string.Join('\n', ((string?[])[instruction.GetString(), input.GetString()]).Where(text => text is { Length: > 0 }))
            : record.Text("query", "prompt", "input", "instruction", "question", "problem");
        JsonElement? response = record.Find(
            "response", "answer", "output", "targets", "target", "answer_key", "answers", "solution", "text", "completion",
            "content");
        Add(User, query);
        Add(
            Assistant,
            response is { ValueKind: JsonValueKind.Array } several
                ? several.EnumerateArray().First().GetString()
                : response?.GetString());
        return messages;

        void Add(string role, string? content)
        {
            if (content is not null)
            {
                messages.Add(new TrainingMessage(role, content));
            }
        }
    }

    private static IEnumerable<JsonElement> History(JsonElement? history)
    {
        if (history is { ValueKind: JsonValueKind.String } text)
        {
            using JsonDocument inner = JsonDocument.Parse(text.GetString()!);
            return [.. inner.RootElement.Clone().EnumerateArray()];
        }

        return history is { } list ? list.EnumerateArray() : [];
    }

    [GeneratedRegex("<img>(.+?)</img>", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    private static NexusGenException WithoutContent() => new("has a message without content");
}
