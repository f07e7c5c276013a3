using System.CommandLine;
using Gyre.Samples.Listings;

var name = new Argument<string?>("name") { Description = "The listing to run; without one they are listed.", DefaultValueFactory = _ => null };
var all = new Option<bool>("--all") { Description = "Runs all, in the order of the story." };
name.Validators.Add(static result =>
{
    if (result.Tokens.Count == 1 && Listing.All.All(listing => listing.Name != result.Tokens[0].Value))
    {
        result.AddError($"There is no listing {result.Tokens[0].Value}; there are {string.Join(", ", Listing.All.Select(listing => listing.Name))}.");
    }
});

var root = new RootCommand("The story from callbacks to async in small programs; docs/guide/from-callbacks-to-async.md tells it.") { name, all };
root.Validators.Add(result =>
{
    if (result.GetValue(all) && result.GetResult(name)?.Tokens.Count > 0)
    {
        result.AddError("Give a name or --all, not both.");
    }
});
root.SetAction(parsed =>
{
    if (parsed.GetValue(all))
    {
        RunAll();
    }
    else if (parsed.GetValue(name) is { } wanted)
    {
        Listing.All.Single(listing => listing.Name == wanted).Run(Console.WriteLine);
    }
    else
    {
        List();
    }
});
return root.Parse(args).Invoke();

static void RunAll()
{
    foreach (Listing listing in Listing.All)
    {
        Console.WriteLine($"--- {listing.Name}: {listing.Shows}");
        listing.Run(Console.WriteLine);
    }
}

static void List()
{
    int width = Listing.All.Max(listing => listing.Name.Length);
    foreach (Listing listing in Listing.All)
    {
        Console.WriteLine($"{listing.Name.PadRight(width)}  {listing.Shows}");
    }
}
