using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>What a request of the Responses API says besides its input.</summary>
/// <param name="Turn">The settings of the reply, without text and images.</param>
/// <param name="Format">The format of images.</param>
/// <param name="MaxPartial">The maximum number of partial images of each image.</param>
/// <param name="Truncate">true to leave out the oldest turns of a conversation that is too long.</param>
internal sealed record ResponseSettings(ChatInput Turn, ImageFileFormat Format, int MaxPartial, bool Truncate)
{
    private const int MaxPartialImages = 3;

    /// <summary>Gets the seed of text and images.</summary>
    public ulong Seed => Turn.Settings.Seed!.Value;

    /// <summary>Reads the settings.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="gateway">The model, for its defaults.</param>
    /// <exception cref="ApiException">A field is invalid or exceeds a limit.</exception>
    public static ResponseSettings Read(ResponsesRequest request, Limits limits, ModelGateway gateway)
    {
        bool truncate = request.Truncation switch
        {
            null or "disabled" => false,
            "auto" => true,
            _ => throw ApiException.BadRequest("truncation must be auto or disabled.", "truncation"),
        };
        TextFormat.Check(request.Text is { } text ? JsonFields.Find(text, "format") : null, "text.format");
        ImageChoice choice = ToolChoice.Read(request.ToolChoice, request.Tools);
        (int number, ResponsesTool? tool) =
            (request.Tools ?? []).Index().FirstOrDefault(item => item.Item?.Type == ToolChoice.ImageTool);
        string field = $"tools[{number}]";
        limits.Size(tool?.Size, $"{field}.size");
        var format = ImageFileFormat.Parse(tool?.OutputFormat, $"{field}.output_format");
        int? previews = Limits.InRange(tool?.PartialImages, 0, MaxPartialImages, $"{field}.partial_images");
        int partial = request.Stream == true || request.Background == true ? previews ?? 0 : 0;
        limits.TextLength(request.Instructions?.Length ?? 0, "instructions");
        ImageSettings settings = Images(request.Picture ?? new(), tool, partial, limits, gateway);
        var turn = new ChatInput("")
        {
            Action = Action(request.Picture?.Action, tool?.Action, $"{field}.action", choice),
            RequiresImage = choice == ImageChoice.Required,
            Reply = new ReplySettings
            {
                Seed = settings.Seed!.Value,
                Temperature = Limits.InRange(request.Temperature, 0, 2, "temperature"),
                TopP = Limits.InRange(request.TopP, 0, 1, "top_p"),
                MaxNewTokens = limits.Tokens(request.MaxOutputTokens, "max_output_tokens"),
            },
            Settings = settings,
        };
        return new ResponseSettings(turn, format, partial, truncate);
    }

    private static ChatAction Action(string? own, string? tool, string toolField, ImageChoice choice)
    {
        ChatAction action = own is not null
            ? ImageSettingsReader.Action(own, "picture.action")
            : ImageSettingsReader.Action(tool, toolField);
        return choice switch
        {
            ImageChoice.None when own is not null && action is ChatAction.Draw or ChatAction.Edit =>
                throw ApiException.BadRequest("tool_choice allows no picture, but picture.action requires one.", "tool_choice"),
            ImageChoice.None => ChatAction.Ask,
            ImageChoice.Required when action == ChatAction.Ask =>
                throw ApiException.BadRequest("tool_choice requires a picture, but the action is ask.", "tool_choice"),
            _ => action,
        };
    }

    private static ImageSettings Images(
        PictureFields fields, ResponsesTool? tool, int partial, Limits limits, ModelGateway gateway)
    {
        ImageSettings settings = ImageSettingsReader.Read(fields with { Size = fields.Size ?? tool?.Size }, limits);
        int steps = fields.Steps ?? gateway.Defaults(editing: false).Steps;
        return partial == 0 ? settings : settings with { PreviewEvery = Math.Max(1, steps / (partial + 1)) };
    }
}
