using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NexusGen.Model;
using NexusGen.Server.Configuration;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Requests;

namespace NexusGen.Server.Studio;

/// <summary>The endpoints of the studio: its page at <c>/</c>, and the requests of the page under <c>/studio/api</c>.</summary>
internal static class StudioEndpoints
{
    private const string Json = "application/json";

    /// <summary>Maps the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context) => StudioPage.SendAsync(context, "index.html"))
            .AllowAnonymous()
            .ExcludeFromDescription();
        routes.MapGet("/studio/{file}", (HttpContext context, string file) => StudioPage.SendAsync(context, file))
            .AllowAnonymous()
            .ExcludeFromDescription();
        RouteGroupBuilder api = routes.MapGroup("/studio/api").WithTags("Studio").WithMetadata(ErrorResponses.Metadata);
        api.AddEndpointFilter(WithoutPathsAsync);
        api.MapGet("/settings", SettingsAsync)
            .Produces<StudioSettings>(contentType: Json)
            .WithName("getStudioSettings")
            .WithSummary("What the studio must know of the server.");
        api.MapGet("/about", AboutAsync)
            .Produces<StudioAbout>(contentType: Json)
            .WithName("getStudioAbout")
            .WithSummary("What the model is and what it can do: its card, sizes and limits.");
        api.MapPost("/search", (HttpContext context, StudioImages images) => images.SearchAsync(context))
            .Accepts<GallerySearch>(Json)
            .Produces<GalleryPage>(contentType: Json)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("searchStudioPictures")
            .WithSummary("The gallery, the latest first.");
        MapConversations(api);
        MapImages(api);
        MapSelections(api);
    }

    private static void MapConversations(RouteGroupBuilder api)
    {
        api.MapPost("/conversations", (HttpContext context, StudioConversations all) => all.CreateAsync(context))
            .Accepts<StudioConversationChange>(Json)
            .Produces<StudioConversation>(contentType: Json)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("createStudioConversation")
            .WithSummary("A new conversation.");
        api.MapPost("/conversations/search", (HttpContext context, StudioConversations all) => all.SearchAsync(context))
            .Accepts<StudioConversationSearch>(Json)
            .Produces<StudioConversationList>(contentType: Json)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("searchStudioConversations")
            .WithSummary("The conversations, the last changed first.");
        api.MapGet("/conversations/{id}", (HttpContext context, StudioConversations all, string id) => all.GetAsync(context, id))
            .Produces<StudioConversation>(contentType: Json)
            .WithName("getStudioConversation")
            .WithSummary("A conversation with its turns.");
        api.MapPatch(
                "/conversations/{id}", (HttpContext context, StudioConversations all, string id) => all.ChangeAsync(context, id))
            .Accepts<StudioConversationChange>(Json)
            .Produces(StatusCodes.Status204NoContent)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("changeStudioConversation")
            .WithSummary("Renames a conversation, or restores a deleted one.");
        api.MapDelete(
                "/conversations/{id}", (HttpContext context, StudioConversations all, string id) => all.DeleteAsync(context, id))
            .Produces(StatusCodes.Status204NoContent)
            .WithName("deleteStudioConversation")
            .WithSummary("Deletes a conversation, which can be restored for a day.");
        api.MapPost(
                "/conversations/{id}/turns",
                (HttpContext context, StudioConversations all, string id) => all.AddTurnAsync(context, id))
            .Accepts<StudioTurnRequest>(Json)
            .Produces<StudioTurn>(contentType: Json)
            .WithMetadata(ErrorResponses.OfQueue)
            .WithName("addStudioTurn")
            .WithSummary("Adds a turn, whose reply is computed in the background.");
        api.MapGet(
                "/turns/{id}/events",
                (HttpContext context, StudioConversations all, string id, [FromQuery(Name = "starting_after")] int? after) =>
                    all.EventsAsync(context, id, after))
            .Produces<StudioEvent>(contentType: "text/event-stream")
            .WithName("getStudioTurnEvents")
            .WithSummary("The events of a turn after the one with the number starting_after, as they come.");
        api.MapGet("/turns/{id}/place", (HttpContext context, StudioConversations all, string id) => all.PlaceAsync(context, id))
            .Produces<StudioPlace>(contentType: Json)
            .WithName("getStudioTurnPlace")
            .WithSummary("How many replies and requests come before the reply of a turn.");
        api.MapPost("/turns/{id}/again", (HttpContext context, StudioConversations all, string id) => all.AgainAsync(context, id))
            .Accepts<StudioAgain>(Json)
            .Produces<StudioTurn>(contentType: Json)
            .WithMetadata(ErrorResponses.OfQueue)
            .WithName("repeatStudioTurn")
            .WithSummary("Computes the reply of a turn again, or adds a picture to it.");
        api.MapPost(
                "/turns/{id}/cancel", (HttpContext context, StudioConversations all, string id) => all.CancelAsync(context, id))
            .Produces<StudioTurn>(contentType: Json)
            .WithName("cancelStudioTurn")
            .WithSummary("Stops a turn.");
        api.MapDelete("/turns/{id}", (HttpContext context, StudioConversations all, string id) => all.RemoveAsync(context, id))
            .Produces(StatusCodes.Status204NoContent)
            .WithName("removeStudioTurn")
            .WithSummary("Removes a turn and those after it.");
    }

    private static void MapImages(RouteGroupBuilder api)
    {
        api.MapPost("/pictures", (HttpContext context, StudioImages images) => images.AddAsync(context))
            .Accepts<byte[]>("image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/bmp")
            .Produces<GalleryPicture>(contentType: Json)
            .WithMetadata(ErrorResponses.OfQueue)
            .WithName("addStudioPicture")
            .WithSummary("Brings a picture into the gallery.");
        api.MapGet("/pictures/{id}", (HttpContext context, StudioImages images, string id) => images.GetAsync(context, id))
            .Produces<GalleryPicture>(contentType: Json)
            .WithName("getStudioPicture")
            .WithSummary("What is known of a picture.");
        api.MapGet(
                "/pictures/{id}/family", (HttpContext context, StudioImages images, string id) => images.FamilyAsync(context, id))
            .Produces<GalleryFamily>(contentType: Json)
            .WithName("getStudioPictureFamily")
            .WithSummary("What a picture was made from, and what was made from it.");
        api.MapGet(
                "/pictures/{id}/file",
                (HttpContext context, StudioImages images, string id, bool? download, bool? parameters) =>
                    images.SendAsync(context, id, thumbnail: false, download == true, parameters != false))
            .WithMetadata(new FileResponse("image/png", "image/jpeg"))
            .WithName("getStudioPictureFile")
            .WithSummary("A picture's file, without the texts in it if parameters is false.");
        api.MapGet(
                "/pictures/{id}/thumbnail",
                (HttpContext context, StudioImages images, string id) => images.SendAsync(context, id, thumbnail: true))
            .WithMetadata(new FileResponse("image/webp"))
            .WithName("getStudioThumbnail")
            .WithSummary("A picture in small.");
        api.MapDelete("/pictures/{id}", (HttpContext context, StudioImages images, string id) => images.DeleteAsync(context, id))
            .Produces(StatusCodes.Status204NoContent)
            .WithName("deleteStudioPicture")
            .WithSummary("Deletes a picture.");
    }

    private static void MapSelections(RouteGroupBuilder api)
    {
        api.MapPost("/pictures/download", (HttpContext context, StudioSelections selections) => selections.PackAsync(context))
            .Accepts<GalleryDownload>(Json)
            .WithMetadata(new FileResponse("application/zip"))
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("downloadStudioPictures")
            .WithSummary("Pictures as one archive.");
        api.MapPost("/pictures/delete", (HttpContext context, StudioSelections selections) => selections.DeleteAsync(context))
            .Accepts<GallerySelection>(Json)
            .Produces(StatusCodes.Status204NoContent)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("deleteStudioPictures")
            .WithSummary("Deletes pictures.");
        api.MapPost("/pictures/favorite", (HttpContext context, StudioSelections selections) => selections.FavorAsync(context))
            .Accepts<GalleryFavorites>(Json)
            .Produces(StatusCodes.Status204NoContent)
            .WithMetadata(ErrorResponses.OfBody)
            .WithName("favorStudioPictures")
            .WithSummary("Makes pictures favorites, or no longer.");
    }

    private static Task SettingsAsync(
        HttpContext context, ModelGateway gateway, Limits limits, IOptions<NexusGenServerOptions> options)
    {
        var settings = new StudioSettings(
            limits.ModelId,
            Of(gateway.Defaults(editing: false)),
            Of(gateway.Defaults(editing: true)),
            options.Value.MaxSteps,
            Sizes(gateway.Model.Configuration),
            gateway.Model.Configuration.NewImageReplies.Count > 0,
            gateway.Model.Configuration.SeedChangesImages,
            options.Value.MaxSide,
            options.Value.MaxBodyBytes,
            Loras(limits));
        return JsonText.SendAsync(
            context, settings, StudioJson.Default.StudioSettings, context.RequestAborted);
    }

    private static Task AboutAsync(
        HttpContext context, ModelGateway gateway, Limits limits, IOptions<NexusGenServerOptions> options)
    {
        NexusGenServerOptions server = options.Value;
        var about = new StudioAbout(
            limits.ModelId,
            gateway.Model.Configuration.About,
            ModelCard.Read(gateway.Model.Paths.Root),
            Sizes(gateway.Model.Configuration),
            server.MaxSide,
            server.MaxSteps,
            server.MaxPictures,
            server.MaxTextLength,
            server.MaxBodyBytes,
            Loras(limits));
        return JsonText.SendAsync(context, about, StudioJson.Default.StudioAbout, context.RequestAborted);
    }

    private static IReadOnlyList<StudioLora> Loras(Limits limits) =>
        [.. limits.Loras.Entries.Select(lora => new StudioLora(lora.Name, lora.AppliesTo))];

    private static IReadOnlyList<string> Sizes(NexusGenConfiguration model) =>
        [.. model.Sizes.Select(size => $"{size.Width}x{size.Height}")];

    // The client receives the kind of the failure, without the path of the file.
    private static async ValueTask<object?> WithoutPathsAsync(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation).ConfigureAwait(false);
        }
        catch (GalleryException e)
        {
            throw invocation.HttpContext.RequestServices.GetRequiredService<GalleryKeeper>().Unwritable(e);
        }
    }

    private static StudioDefaults Of(ImageDefaults defaults) =>
        new(defaults.Steps, defaults.CfgScale, defaults.Width, defaults.Height);
}
