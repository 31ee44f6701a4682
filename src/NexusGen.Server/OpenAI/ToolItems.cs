using System.Text.Json;
using NexusGen.Requests;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the tool calls of a history, and their results, as text (<see cref="ToolText"/>).</summary>
internal static class ToolItems
{
    /// <summary>Adds a call to a message of the assistant.</summary>
    /// <param name="message">The message.</param>
    /// <param name="call">An object with <c>name</c> and <c>arguments</c>, or <c>input</c> of a custom tool.</param>
    /// <param name="field">The field of the request, for messages.</param>
    /// <exception cref="ApiException">The call has no name.</exception>
    public static void AddCall(RequestMessage message, JsonElement call, string field)
    {
        string name = JsonFields.Text(call, "name")
            ?? throw ApiException.BadRequest($"{field}.name is missing: a tool call names its tool.", $"{field}.name");
        string arguments = JsonFields.Find(call, "arguments") switch
        {
            { ValueKind: JsonValueKind.String } text => JsonFields.Text(text),
            { ValueKind: JsonValueKind.Object } json => json.GetRawText(),
            _ when JsonFields.Text(call, "input") is { } input => ToolText.Quoted(input),
            _ => "{}",
        };
        message.Add(ToolText.Call(name, arguments));
    }

    /// <summary>Adds the result of a call to a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="addContent">Adds the result itself.</param>
    public static void AddResult(RequestMessage message, Action addContent)
    {
        message.Add(ToolText.ResultStart);
        addContent();
        message.Add(ToolText.ResultEnd);
    }
}
