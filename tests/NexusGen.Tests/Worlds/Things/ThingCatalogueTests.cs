using NexusGen.Worlds.Core;
using NexusGen.Worlds.Scenes;
using NexusGen.Worlds.Things;

namespace NexusGen.Tests.Worlds.Things;

/// <summary>What the embedded table says.</summary>
public sealed class ThingCatalogueTests
{
    [Fact]
    public void TheTableHasTheShapesThenTheClassesOfGenEval()
    {
        Assert.Equal(88, ThingCatalogue.Things.Length);
        Assert.Equal(
            Enum.GetNames<Shape>().Select(name => name.ToLowerInvariant()),
            ThingCatalogue.Things.Take(8).Select(thing => thing.Name));
        Assert.All(ThingCatalogue.Things, thing => Assert.Equal(thing.Index < 8, thing.IsShape));
        Assert.Equal(88, ThingCatalogue.Things.DistinctBy(thing => thing.Name).Count());
    }

    [Fact]
    public void OrderIsPartOfTheContract()
    {
        Assert.Equal(
            ["red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"],
            ThingCatalogue.Colours.Select(colour => colour.Name));
        Assert.Equal(
            ["white", "light grey", "cream", "sky", "grass", "sand", "night", "sea", "snow", "brick", "wood", "asphalt"],
            ThingCatalogue.Backgrounds.Select(background => background.Name));
        Assert.Equal([8, 50, 87], new[] { "airplane", "knife", "zebra" }.Select(name => ThingCatalogue.Thing(name).Index));
        Assert.All(ThingCatalogue.Things, (thing, i) => Assert.Equal(i, thing.Index));
        Assert.All(ThingCatalogue.Backgrounds, (background, i) => Assert.Equal(i, background.Index));
        Assert.All(ThingCatalogue.Colours, (colour, i) => Assert.Equal(i, colour.Index));
    }

    [Fact]
    public void ANaturalLookMayHaveADominantColour()
    {
        Assert.Same(ThingCatalogue.Colour("yellow"), ThingCatalogue.Thing("banana").Dominant);
        Assert.Null(ThingCatalogue.Thing("spoon").Dominant);
    }

    [Theory]
    [InlineData("white", "dog", "white", true)]
    [InlineData("white", "sheep", null, true)]
    [InlineData("white", "dog", null, false)]
    [InlineData("sky", "dog", "white", false)]
    [InlineData("night", "cat", "black", true)]
    [InlineData("grass", "cat", "black", false)]
    public void ABackgroundHidesWhatIsLikeIt(string background, string thing, string? colour, bool hidden)
    {
        ThingColour? look = colour is null ? null : ThingCatalogue.Colour(colour);
        Assert.Equal(hidden, ThingCatalogue.Background(background).Hides(ThingCatalogue.Thing(thing), look));
    }

    [Fact]
    public void UnknownNamesAreErrorsThatNameTheKnownOnes()
    {
        Assert.Contains("zebra", Assert.Throws<WorldException>(() => ThingCatalogue.Thing("unicorn")).Message);
        Assert.Contains("white", Assert.Throws<WorldException>(() => ThingCatalogue.Colour("teal")).Message);
        Assert.Contains("snow", Assert.Throws<WorldException>(() => ThingCatalogue.Background("moon")).Message);
    }
}
