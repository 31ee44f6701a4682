using System.Text.Json;
using NexusGen.Server.Http;

namespace NexusGen.Server.OpenAI;

/// <summary>Reads the field <c>tool_choice</c>.</summary>
internal static class ToolChoice
{
    /// <summary>The type of the tool that generates images.</summary>
    public const string ImageTool = "image_generation";

    /// <summary>Reads the field of the Responses API.</summary>
    /// <param name="choice">The field.</param>
    /// <param name="tools">The tools of the request.</param>
    /// <exception cref="ApiException">The field is invalid, or requires a tool that the model doesn't have.</exception>
    public static ImageChoice Read(JsonElement? choice, IReadOnlyList<ResponsesTool>? tools)
    {
        const string Field = "tool_choice";
        switch (choice)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return ImageChoice.Auto;
            case { ValueKind: JsonValueKind.String } mode:
                return OfMode(JsonFields.Text(mode), tools?.Any(tool => tool?.Type == ImageTool) == true, Field)
                    ?? throw Invalid(Field);
            case { } form when JsonFields.Text(form, "type") is { } type:
                return type switch
                {
                    ImageTool => ImageChoice.Required,
                    "allowed_tools" => OfAllowed(form, Field),
                    _ => throw Missing(Field),
                };
            default:
                throw Invalid(Field);
        }
    }

    /// <summary>Checks the field of chat completions, whose tools are ignored.</summary>
    /// <param name="choice">The field.</param>
    /// <param name="field">Its name, for messages.</param>
    /// <exception cref="ApiException">The field is invalid, or requires a tool call.</exception>
    public static void CheckOptional(JsonElement? choice, string field)
    {
        JsonElement? mode = choice is { } form && JsonFields.Text(form, "type") == "allowed_tools"
            ? JsonFields.Find(JsonFields.Find(form, "allowed_tools") ?? form, "mode")
            : choice;
        if (mode is { ValueKind: not JsonValueKind.Null }
            && (mode is not { ValueKind: JsonValueKind.String } word || JsonFields.Text(word) is not ("auto" or "none")))
        {
            throw ApiException.BadRequest(
                $"{field} requires a tool call, but the model calls no tools: it must be auto or none.", field);
        }
    }

    private static ImageChoice OfAllowed(JsonElement form, string field)
    {
        bool hasImages = JsonFields.Find(form, "tools") is { ValueKind: JsonValueKind.Array } tools
            && tools.EnumerateArray().Any(tool => JsonFields.Text(tool, "type") == ImageTool);
        return OfMode(JsonFields.Text(form, "mode"), hasImages, field) switch
        {
            ImageChoice.Auto when !hasImages => ImageChoice.None,
            ImageChoice.None or null => throw ApiException.BadRequest($"{field}.mode must be auto or required.", $"{field}.mode"),
            var mode => mode.Value,
        };
    }

    private static ImageChoice? OfMode(string? mode, bool hasImages, string field) => mode switch
    {
        "auto" => ImageChoice.Auto,
        "none" => ImageChoice.None,
        "required" => hasImages ? ImageChoice.Required : throw Missing(field),
        _ => null,
    };

    private static ApiException Missing(string field) => ApiException.BadRequest(
        $"{field} requires a tool that the model doesn't have: it has {ImageTool} only, "
        + $"which {{\"type\": \"{ImageTool}\"}} requires.",
        field);

    private static ApiException Invalid(string field) => ApiException.BadRequest(
        $"{field} must be auto, none, required, or {{\"type\": \"{ImageTool}\"}}.", field);
}
